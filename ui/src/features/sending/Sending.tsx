import { Page, Tabs } from '@/kit/Page';
import { useQuestion } from '@/kit/To';
import { useText } from '@/text';
import { Deliverability } from './Deliverability';
import { Letters } from './Letters';
import { Paused } from './Paused';
import { Queues } from './Queues';
import { Routes } from './Routes';

/** What waits to leave, by whom it may, and what came back because nobody carried it. */
export function Sending() {
  const text = useText().sending;
  const [question] = useQuestion();
  const tab = question.tab ?? 'queues';
  return (
    <Page title={text.title} sub={text.sub}>
      <Paused />
      <Tabs base="/sending" at={tab} label={text.title} tabs={[['queues', text.tabs.queues], ['routes', text.tabs.routes], ['letters', text.tabs.letters], ['deliverability', text.tabs.deliverability]]} />
      {tab === 'queues' ? <Queues /> : null}
      {tab === 'routes' ? <Routes /> : null}
      {tab === 'letters' ? <Letters /> : null}
      {tab === 'deliverability' ? <Deliverability /> : null}
    </Page>
  );
}
