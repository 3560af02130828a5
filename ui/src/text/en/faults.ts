/** Faults that the server finds, in short, by code, before its own sentence. It speaks English itself. */
export const faults: Record<string, string> = {};
