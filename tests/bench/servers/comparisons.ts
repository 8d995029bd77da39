/**
 * Starts the servers that Docent is measured beside: a bare node:http server, a bare Hono pass-through, and Portkey's gateway.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { npm } from '../../../dev/npm.ts';
import { inProject } from '../../../dev/project.ts';
import {
	chatDialogue,
	chatFault,
	CHAT_FIRST_WORD,
	type Contestant,
} from '../contestant.ts';
import { LOAD_CORE, SERVER_CORE } from '../machine.ts';
import { benchDir, startNode, waitForPort } from './processes.ts';

const PROVIDER_MAIN = inProject( 'tests/support/simulated-provider/main.ts' );
const PORTKEY = '@portkey-ai/gateway';
/** A plain install of this version fails every stream; these two versions go with it, wherever they are wanted. */
const PORTKEY_PINS = { hono: '4.9.7', '@hono/node-server': '1.13.5' };
const PORTKEY_PACKAGE = {
	private: true,
	dependencies: { [ PORTKEY ]: '1.15.2', ...PORTKEY_PINS },
	overrides: PORTKEY_PINS,
};
const INSTALL_MS = 180_000;

/** Chunks of content in every measured stream. */
export const CHUNKS = 20;

/** Starts the zero-latency provider that every server under test calls. */
export async function startUpstream(
	port: number,
	moreArgs: string[] = []
): Promise< {
	child: ReturnType< typeof startNode >;
	origin: string;
} > {
	const child = startNode( {
		name: 'upstream',
		core: LOAD_CORE,
		args: [
			PROVIDER_MAIN,
			'--port',
			`${ port }`,
			'--chunks',
			`${ CHUNKS }`,
			...moreArgs,
		],
	} );
	await waitForPort( child, 'upstream', port );
	return { child, origin: `http://127.0.0.1:${ port }` };
}

async function contestant(
	id: string,
	title: string,
	port: number,
	start: Pick< Parameters< typeof startNode >[ 0 ], 'args' | 'env' | 'cwd' >,
	headers: Record< string, string > = {}
): Promise< Contestant > {
	const child = startNode( { name: id, core: SERVER_CORE, ...start } );
	await waitForPort( child, id, port );
	return {
		id,
		title,
		port,
		child,
		startDialogue: chatDialogue( headers ),
		faultOf: chatFault,
		firstWordMark: CHAT_FIRST_WORD,
	};
}

/** A node:http server that writes the stream itself: the ceiling, and the reference for added latency. */
export function startBareNode( port: number ): Promise< Contestant > {
	return contestant( 'bare-node', 'bare node:http server', port, {
		args: [
			PROVIDER_MAIN,
			'--port',
			`${ port }`,
			'--chunks',
			`${ CHUNKS }`,
		],
	} );
}

/** A Hono app that only passes through. */
export function startHono(
	port: number,
	upstreamOrigin: string
): Promise< Contestant > {
	return contestant( 'bare-hono', 'bare Hono pass-through (undici)', port, {
		args: [
			inProject( 'tests/bench/servers/hono-pass-through.ts' ),
			`${ port }`,
			upstreamOrigin,
		],
	} );
}

/** Portkey's gateway, installed on first use into the bench's own folder; it is no dependency of Docent. */
export async function startPortkey(
	port: number,
	upstreamOrigin: string
): Promise< Contestant > {
	const folder = `${ benchDir }/portkey`;
	const script = `${ folder }/node_modules/${ PORTKEY }/build/start-server.js`;
	if ( ! existsSync( script ) ) {
		mkdirSync( folder, { recursive: true } );
		writeFileSync(
			`${ folder }/package.json`,
			JSON.stringify( PORTKEY_PACKAGE )
		);
		const { exitCode, stderr } = await npm(
			[
				'install',
				'--no-package-lock',
				'--ignore-scripts',
				'--no-audit',
				'--no-fund',
			],
			{ cwd: folder, timeoutMs: INSTALL_MS }
		);
		if ( exitCode !== 0 ) {
			throw new Error(
				`Portkey's gateway could not be installed: ${ stderr.slice( -400 ) }`
			);
		}
	}
	return contestant(
		'portkey',
		'Portkey gateway 1.15.2',
		port,
		{
			cwd: folder,
			args: [
				'--import',
				new URL( './loopback-only.mjs', import.meta.url ).href,
				script,
				`--port=${ port }`,
				'--headless',
			],
			env: { NODE_ENV: 'production' },
		},
		{
			'x-portkey-provider': 'openai',
			'x-portkey-custom-host': `${ upstreamOrigin }/v1`,
		}
	);
}
