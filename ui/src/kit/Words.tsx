/** Words in which names stand in backticks. Those of the server are English, whatever the page speaks; `own` are of the page. */
export function Words({ words, own = false }: { words: string; own?: boolean }) {
  const parts = words.split(/(`[^`]*`)/).map((part, place) => (part.length > 1 && part.startsWith('`') ? <code key={place}>{part.slice(1, -1)}</code> : part));
  return own || document.documentElement.lang === 'en' ? <>{parts}</> : <span lang="en">{parts}</span>;
}
