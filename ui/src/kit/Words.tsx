/** Words of the server within a sentence of the page: the two signs are those that isolate a foreign text, and are not seen. */
export const foreign = (words: string) => (words ? `\u2068${words}\u2069` : '');

const PARTS = /(`[^`]*`|\u2068[^\u2069]*\u2069)/;

/** Words in which names stand in backticks. Those of the server are English, whatever the page speaks; `own` are of the page. */
export function Words({ words, own = false }: { words: string; own?: boolean }) {
  const parts = words.split(PARTS).map((part, place) => {
    if (part.length > 1 && part.startsWith('`')) return <code key={place}>{part.slice(1, -1)}</code>;
    return part.startsWith('\u2068') ? <Words key={place} words={part.slice(1, -1)} /> : part;
  });
  return own || document.documentElement.lang === 'en' ? <>{parts}</> : <span lang="en">{parts}</span>;
}
