import { Page, Tabs } from '@/kit/Page';
import { useQuestion } from '@/kit/To';
import { useText } from '@/text';
import { Deliverability } from './Deliverability';
import { Letters } from './Letters';
import { Pause, Paused } from './Paused';
import { Queues } from './Queues';
import { Routes } from './Routes';
import { Suppressed } from './Suppressed';

/** What waits to leave, by whom it may, and what came back because nobody carried it. */
export function Sending() {
  const text = useText().sending;
  const [question] = useQuestion();
  const tab = question.tab ?? 'queues';
  return (
    <Page title={text.title} sub={text.sub} actions={<Pause />}>
      <Paused />
      <Tabs base="/sending" at={tab} label={text.title} tabs={[['queues', text.tabs.queues], ['routes', text.tabs.routes], ['letters', text.tabs.letters], ['deliverability', text.tabs.deliverability], ['suppressed', text.tabs.suppressed]]} />
      {tab === 'queues' ? <Queues /> : null}
      {tab === 'routes' ? <Routes /> : null}
      {tab === 'letters' ? <Letters /> : null}
      {tab === 'deliverability' ? <Deliverability /> : null}
      {tab === 'suppressed' ? <Suppressed /> : null}
    </Page>
  );
}
