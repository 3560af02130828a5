/** One fault of what was sent, as the server's checks say it. */
export interface Diagnostic {
  path: string;
  code: string;
  message: string;
  hint?: string | null;
  severity?: 'error' | 'warning';
  /** Bytes from the start of the text there: the first, and one past the last. */
  span?: number[] | null;
}

/** An answer that is a no: RFC 9457, with the server's stable code. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly hint: string | undefined;
  readonly fields: Diagnostic[];
  /** The installation has no member yet. */
  readonly setup: boolean;

  constructor(said: Partial<Pick<Problem, 'code' | 'status' | 'detail' | 'hint' | 'fields' | 'setup'>>) {
    super(said.detail ?? said.code ?? 'unknown');
    this.code = said.code ?? 'unknown';
    this.status = said.status ?? 0;
    this.detail = said.detail ?? '';
    this.hint = said.hint ?? undefined;
    this.fields = said.fields ?? [];
    this.setup = said.setup ?? false;
  }
}

/** Reads a problem from an answer; what is no problem document becomes one with the bare status. */
export async function problemOf(answer: Response): Promise<Problem> {
  try {
    return new Problem({ status: answer.status, ...(await answer.json()) });
  } catch {
    return new Problem({ code: 'unreadable', status: answer.status, detail: answer.statusText });
  }
}

/** What a query or a mutation failed with, as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // `fetch` throws a TypeError for everything that kept an answer from coming.
  const said = error instanceof Error ? error.message : String(error);
  return new Problem({ code: 'unreachable', detail: said });
}
