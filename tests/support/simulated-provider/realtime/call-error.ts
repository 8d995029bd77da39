/**
 * Says why an event of the client is refused. The call goes on.
 */
export class CallError extends Error {
	readonly code: string;
	readonly param: string | null;

	constructor( message: string, code: string, param: string | null = null ) {
		super( message );
		this.code = code;
		this.param = param;
	}
}
