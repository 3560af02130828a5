/** Answers that are a no, in short, by the code of the problem, before the server's own sentence. */
export const problems: Record<string, string> = {};
