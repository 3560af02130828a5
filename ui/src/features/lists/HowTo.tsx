import { useMember } from '@/api/session';
import { To } from '@/kit/To';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { exampleOf } from './model';
import type { List } from './queries';

/** How rows get onto a list: the file, and the two ways of bringing it. */
export function HowTo({ list }: { list: List }) {
  const text = useText().lists.how;
  const owner = useMember().role === 'owner';
  const { file, rows, command, request } = exampleOf(list, location.origin);
  const steps: [string, string][] = [[text.file(file), rows], [text.command, command], [text.request, request]];
  return (
    <div className="stack">
      <p className="dim"><Words words={text.key} own />{owner ? <> <To to="/settings?tab=keys">{text.makeKey}</To></> : null}</p>
      {steps.map(([words, code]) => (
        <div key={words}>
          <p className="small">{words}</p>
          <pre className="json" tabIndex={0} role="region" aria-label={words}>{code}</pre>
        </div>
      ))}
      <p className="dim small"><Words words={text.more} own /></p>
    </div>
  );
}
