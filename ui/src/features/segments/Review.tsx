import { Confirm } from '@/kit/Confirm';
import { Diff } from '@/kit/Diff';
import { useFormat } from '@/kit/format';
import { Loaded } from '@/kit/Loaded';
import { useText } from '@/text';
import { useApply, usePlan, useSegments, type Definition } from './queries';

interface Props {
  name: string;
  definition: Definition;
  fresh: boolean;
  close: () => void;
  done: () => void;
}

/** What publishing would change, before it does. */
export function Review({ name, definition, fresh, close, done }: Props) {
  const text = useText().segments;
  const format = useFormat();
  const plan = usePlan(name, definition, true);
  const segments = useSegments();
  const apply = useApply();
  const own = plan.data?.changes.find((change) => change.name === name);
  const members = segments.data?.segments.find((segment) => segment.name === name)?.members;
  const faults = (plan.data?.diagnostics ?? []).filter((fault) => fault.path.startsWith(`segment/${name}`) || fault.severity === 'error');
  const consequences = [
    plan.data && !own ? text.noChange : fresh || own?.what === 'add' ? text.willAdd(name) : text.willChange(name, format.number(members ?? 0)),
    text.willBuild,
    ...faults.map((fault) => `${fault.path}: ${fault.message}${fault.hint ? ` · ${fault.hint}` : ''}`),
  ];
  return (
    <Confirm
      opened close={close} title={fresh ? text.publishNew : text.publishChange} verb={text.publish} busy={apply.isPending || plan.isPending} error={apply.error ?? plan.error}
      consequences={consequences} act={() => apply.mutate({ name, definition }, { onSuccess: done })}
    >
      <Loaded query={plan} rows={3}>
        {() => (own ? <Diff before={own.before} after={own.after} label={text.diff} /> : null)}
      </Loaded>
    </Confirm>
  );
}
