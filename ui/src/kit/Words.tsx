/** Words of the server, in which names stand in backticks. */
export function Words({ words }: { words: string }) {
  return (
    <>
      {words.split(/(`[^`]*`)/).map((part, place) => (part.length > 1 && part.startsWith('`') ? <code key={place}>{part.slice(1, -1)}</code> : part))}
    </>
  );
}
