import { diffLines, readable } from './diff';

const SIGN = { same: '  ', add: '+ ', del: '- ' } as const;

/** What would change. */
export function Diff({ before, after, label }: { before: unknown; after: unknown; label: string }) {
  const lines = diffLines(readable(before), readable(after));
  return (
    <pre className="diff" tabIndex={0} aria-label={label} role="region">
      {lines.map((line, place) => (
        <span key={place} className={line.kind}>
          {SIGN[line.kind]}
          {line.text}
        </span>
      ))}
    </pre>
  );
}
