/** Words of the server, in which names stand in backticks. It speaks English, whatever the page speaks. */
export function Words({ words }: { words: string }) {
  const parts = words.split(/(`[^`]*`)/).map((part, place) => (part.length > 1 && part.startsWith('`') ? <code key={place}>{part.slice(1, -1)}</code> : part));
  return document.documentElement.lang === 'en' ? <>{parts}</> : <span lang="en">{parts}</span>;
}
