import type { components } from '@/api/schema';
import { useText } from '@/text';
import { Exactly } from './values';
import { Words } from './Words';

/** One condition with what it is now, and the conditions it is made of. */
export type Reasoning = components['schemas']['RuleExplanation'];

/** Every condition with its value, as the server evaluated it. */
export function Why({ why }: { why: Reasoning }) {
  const text = useText().kit;
  return (
    <div className="why">
      <div className="leaf">
        <span className={`mark ${why.inside ? 'yes' : 'no'}`} role="img" aria-label={why.inside ? text.holds : text.holdsNot}>
          {why.inside ? '✓' : '✕'}
        </span>
        <div className="break">
          {why.parts.length === 0 ? <code>{why.text}</code> : null}
          <p>
            <Words words={why.detail} />
            {why.until && why.parts.length === 0 ? (
              <>
                {' · '}
                {text.until} <Exactly at={why.until} />
              </>
            ) : null}
          </p>
        </div>
      </div>
      {why.parts.length > 0 ? (
        <ul>
          {why.parts.map((part, place) => (
            <li key={place}>
              <Why why={part} />
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
