/**
 * Lists the words that carry no subject, by language: they are neither indexed nor asked for, and they vote on the language.
 */

const words = ( list: string ): ReadonlySet< string > =>
	new Set( list.split( /\s+/ ) );

/** Function words by language, folded. */
export const STOP_WORDS: Readonly< Record< string, ReadonlySet< string > > > = {
	en: words(
		`a about above after again all also am an and any are arent as at be because been before being below between both but by can cannot cant could couldnt
		did didnt do does doesnt doing dont during each either else ever every few for from further had has hasnt have havent having he her here hers him
		his how however i if ill im in into is isnt it its itself ive just let lets may me might more most must my myself no nor not of off on once only or other
		ought our ours out over own per same shall she should shouldnt so some such than that thats the their theirs them then there theres these they theyre this
		those through thus to too under until up upon us very was wasnt we were werent what whats when whens where wheres whether which while who whom whos whose why
		will with within without wont would wouldnt yes yet you your youre yours`
	),
	de: words(
		`aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bin bis bist da damit dann das dass dein deine dem den denn der
		des dessen dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwas euch euer eure fur gegen gibt
		hab habe haben habt hat hatte hatten hier hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede jedem jeden jeder jedes kann kannst kein
		keine keinen keiner konnen konnte man manche mein meine meinem meinen meiner mich mir mit muss mussen nach nein nicht nichts noch nun nur ob oder ohne sehr sein
		seine seinem seinen seiner sich sie sind so soll sollen sondern sonst uber um und uns unser unsere unter vom von vor wann war waren warum was wegen weil welche
		welchem welchen welcher welches wenn wer werde werden wie wieder wieviel viel viele will wir wird wo wurde wurden zu zum zur zwischen`
	),
	fr: words(
		`ai as au aux avec avez avoir avons c ce ceci cela ces cet cette ceux chez ci comme comment d dans de des donc dont du elle elles en es est et etait ete etes etre
		eu eux fait faut il ils j je l la le les leur leurs lui m ma mais me meme mes moi mon n ne ni non nos notre nous on ont ou par pas peut peux plus pour pourquoi
		puis qu quand que quel quelle quelles quels qui quoi s sa sans se sera ses si son sont sur t ta te tes toi ton tous tout toute toutes tres tu un une vos votre
		vous y a combien`
	),
	es: words(
		`a al algo ante antes como con cual cuales cuando cuanto cuanta cuantos cuantas de del desde donde dos el ella ellas ellos en entre era es esa ese eso esta estan
		estas este esto estos fue ha hace hacia hasta hay la las le les lo los mas me mi mis muy ni no nos nosotros nuestra nuestro o os otra otro para pero por porque
		que quien quienes se ser si sin sobre son su sus tambien te tengo tiene tienen todo todos tu tus un una unas uno unos usted ustedes y ya yo puedo puede pueden`
	),
	it: words(
		`a ad agli ai al alla alle allo anche avete c che chi ci come con cosa cui d da dagli dai dal dalla dalle dallo degli dei del della delle dello di dove e ed essere
		e fra gli ha hai hanno ho i il in io l la le lei li lo loro lui ma me mi mia mio miei ne negli nei nel nella nelle noi non nostra nostro o per perche piu posso puo
		quale quali quando quanto quanta quanti quante quella quelle quelli quello questa queste questi questo se sei si sia siamo siete sono su sua sui sul sulla suo tra
		tu un una uno vi voi vostra vostro`
	),
	pt: words(
		`a ao aos as ate com como da das de dela dele do dos e ela elas ele eles em entre era essa esse esta estao este eu foi ha isso isto ja la lhe mais mas me meu meus
		minha muito na nao nas nem no nos nossa nosso num numa o os ou para pela pelas pelo pelos por porque posso pode podem qual quais quando quanto quantos que quem se
		sem ser seu seus so sua suas tambem te tem tenho um uma umas uns voce voces onde`
	),
	nl: words(
		`aan al alle als altijd ben bij daar dan dat de den der deze die dit doch doen door dus een en er ge geen haar had heb hebben hebt heeft hem het hier hij hoe hoeveel
		hun ik in is ja je jij jouw jullie kan kun kunnen maar me meer mij mijn moet na naar niet niets nog nu of om omdat ons onze ook op over te tegen toch toen tot u uit
		uw van veel voor waar waarom wanneer want waren was wat we wel welk welke werd wie wij wil worden wordt zal ze zich zij zijn zo zonder zou`
	),
	ru: words(
		`а без бы был была были было быть в вам вас весь во вот все всего вы где да для до его ее если есть еще же за и из или им их к как какая какие какой ко когда кто
		ли мне можно мой мы на надо наш не него нее нет ни них но о об он она они от по под при с сколько со так также такой там то того тоже только ты у уже чем что
		чтобы эта эти это этот я`
	),
	ar: words(
		`هل ما ماذا من في على الى عن ان هذا هذه هو هي كم كيف متى اين لا نعم مع او يمكن لدي لديكم لماذا كان التي الذي`
	),
	zh: words(
		`的 了 是 在 有 和 与 及 或 也 都 就 而 但 但是 把 被 让 对 从 到 向 给 跟 比 吗 呢 吧 啊 呀 嘛 我 你 您 他 她 它 我们 你们 您们 他们 咱们 这 那 这个 那个 这些 那些 这里 那里
		哪 哪个 哪些 哪里 哪儿 什么 怎么 怎样 怎么样 如何 为什么 为何 几 多大 谁 何时 什么时候 是否 是不是 有没有 能 能否 能不能 可以 可不可以 可 会 会不会 要 想 需要
		请 请问 一下 一个 一 个 很 太 更 最 还 还是 再 又 不 没 没有 不是 之 其 所 以 于 等 们 着 过 地 得 么 里 上 下 中 大概 关于 告诉 知道 上面 如果 那么 因为 所以`
	),
	ja: words(
		`の に は を た が で て と し れ さ ある いる も する から な こと として い や れる など なっ ない この ため その あっ よう また もの あり まで なら です ます でし ました
		か ね よ へ だ なる さん ください 下さい 何 どこ いつ どの どう どれ いくら いくつ なぜ 誰 これ それ あれ できる でき ますか でしょう どんな しま す ませ ん`
	),
};

/**
 * Words that ask rather than say what about: they count only when a question holds nothing else ("What do you sell?").
 */
export const ASKING_WORDS: Readonly< Record< string, ReadonlySet< string > > > =
	{
		en: words(
			`able accept advise allow allowed answer anyone anything ask available best bring carry choose come curious describe detail details discuss dear explain find get
			gets getting give given go goes going gonna good got great guys happen happens hello help hey hi info information interested keep kind know
			learn like list long looking look make makes many mean means mention much need needed needs offer offers okay ok please policies policy possible possibly
			provide question really receive received recommend regarding say says see sell selling sells show someone something sort stock suitable tell thank thanks thing things think thinking
			try understand use used using usually want wanted wants way wish wonder wondering work works worth article item overview page product products summarise summarize summary take takes taking put sure specific still today now currently`
		),
		de: words(
			`anbieten bieten bitte danke erklaren erzahlen finden frage fragen gebe geben gerne guten hallo helfen hilfe info informationen lange machen mochte mochten
			sagen suche tag tun verkaufen verkauft wissen zeigen brauche bekomme bekommen geht`
		),
		fr: words(
			`bonjour merci svp plait vendez vendre proposez aimerais voudrais souhaite savoir dire expliquer trouver aide question information informations besoin`
		),
		es: words(
			`hola gracias favor venden vender vendeis ofrecen quiero quisiera saber decir explicar encontrar ayuda pregunta informacion necesito`
		),
		it: words(
			`ciao buongiorno grazie favore vendete vendere offrite vorrei sapere dire spiegare trovare aiuto domanda informazioni bisogno`
		),
		pt: words(
			`ola obrigado obrigada favor vendem vender oferecem quero queria saber dizer explicar encontrar ajuda pergunta informacoes preciso`
		),
		nl: words(
			`hallo dank bedankt graag verkopen verkoopt bieden weten zeggen uitleggen vinden hulp vraag informatie nodig`
		),
		ru: words(
			`здравствуйте привет пожалуйста спасибо продаете хочу узнать скажите расскажите найти помощь вопрос информация нужно`
		),
		zh: words(
			`哪里 哪儿 多少 多少钱 多久 多长 期限 钱 收到 卖 出售 提供 介绍 说明 查询 了解 咨询 帮 帮忙 问 问题 你好 您好 谢谢 麻烦 信息 情况 东西 使用 用 买 买到 看 看看 找 页面 网页 产品 文章 总结 概括 内容`
		),
		ja: words(
			`教え 教えて 知り 知りたい 売って 販売 質問 お願い こんにちは ありがとう 欲しい`
		),
	};
