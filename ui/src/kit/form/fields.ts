/** How a value is written. */
export type As =
  | 'text' | 'long' | 'number' | 'flag' | 'choice' | 'name' | 'names' | 'instant' | 'time' | 'secret' | 'pairs' | 'rows' | 'any' | 'json';

/** One field of a definition. Its words are found by its path; without any it is called by its own name. */
export interface Field {
  at: string;
  as: As;
  /** Names of which folder are offered. */
  of?: string;
  /** What may be chosen. The server decides; this only offers. */
  choices?: readonly string[];
  /** What the server takes where nothing is said. */
  fallback?: unknown;
  required?: boolean;
  /** The fields of each row. */
  each?: readonly Field[];
  /** It and its neighbours stand on one line. */
  half?: boolean;
}
