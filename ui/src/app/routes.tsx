import { createRootRoute, createRoute, createRouter, lazyRouteComponent, useParams } from '@tanstack/react-router';
import { Failed } from '@/kit/Loaded';
import { Page } from '@/kit/Page';
import { To } from '@/kit/To';
import { useText } from '@/text';
import { Gate } from './Gate';
import { Join } from './SignIn';

const root = createRootRoute({ notFoundComponent: Missing });
const inside = createRoute({ getParentRoute: () => root, id: 'inside', component: Gate });

type Load = () => Promise<Record<string, unknown>>;

/** A page that is loaded when somebody goes there. */
function page(path: string, load: Load, name: string) {
  return createRoute({
    getParentRoute: () => inside,
    path: path as '/',
    component: lazyRouteComponent(load as never, name as never),
  });
}

function JoinPage() {
  const { token } = useParams({ strict: false }) as { token: string };
  return <Join token={token} />;
}

function Missing() {
  const text = useText().shell;
  return (
    <main>
      <Page title={text.missing.title} sub={text.missing.words}>
        <To to="/">{text.missing.back}</To>
      </Page>
    </main>
  );
}

function Broken({ error, reset }: { error: unknown; reset: () => void }) {
  const text = useText().shell;
  return (
    <Page title={text.broken}>
      <Failed error={error} again={reset} />
    </Page>
  );
}

const pages = [
  page('/', () => import('@/features/overview/Overview'), 'Overview'),
  page('/events', () => import('@/features/events/List'), 'EventList'),
  page('/events/quarantine', () => import('@/features/events/Quarantine'), 'Quarantine'),
  page('/events/schemas', () => import('@/features/events/Schemas'), 'Schemas'),
  page('/events/schemas/$name', () => import('@/features/events/Schema'), 'SchemaDetail'),
  page('/events/$id', () => import('@/features/events/Detail'), 'EventDetail'),
  page('/profiles', () => import('@/features/profiles/List'), 'ProfileList'),
  page('/profiles/erased', () => import('@/features/profiles/Erased'), 'Erased'),
  page('/profiles/$namespace/$value', () => import('@/features/profiles/Detail'), 'ProfileDetail'),
  page('/segments', () => import('@/features/segments/List'), 'SegmentList'),
  page('/segments/new', () => import('@/features/segments/Editor'), 'SegmentNew'),
  page('/segments/$name', () => import('@/features/segments/Detail'), 'SegmentDetail'),
  page('/segments/$name/edit', () => import('@/features/segments/Editor'), 'SegmentEdit'),
  page('/lists', () => import('@/features/lists/List'), 'ListList'),
  page('/lists/$name', () => import('@/features/lists/Detail'), 'ListDetail'),
  page('/sources', () => import('@/features/sources/List'), 'SourceList'),
  page('/sources/$name', () => import('@/features/sources/Detail'), 'SourceDetail'),
  page('/campaigns', () => import('@/features/campaigns/List'), 'CampaignList'),
  page('/campaigns/new', () => import('@/features/campaigns/Editor'), 'CampaignNew'),
  page('/campaigns/$name/edit', () => import('@/features/campaigns/Editor'), 'CampaignEdit'),
  page('/campaigns/$name', () => import('@/features/campaigns/Detail'), 'CampaignDetail'),
  page('/journeys', () => import('@/features/journeys/List'), 'JourneyList'),
  page('/journeys/$name', () => import('@/features/journeys/Detail'), 'JourneyDetail'),
  page('/templates', () => import('@/features/templates/List'), 'TemplateList'),
  page('/templates/new', () => import('@/features/templates/Editor'), 'TemplateNew'),
  page('/templates/$name', () => import('@/features/templates/Editor'), 'TemplateDetail'),
  page('/messages', () => import('@/features/messages/List'), 'MessageList'),
  page('/messages/$id', () => import('@/features/messages/Detail'), 'MessageDetail'),
  page('/sending', () => import('@/features/sending/Sending'), 'Sending'),
  page('/definitions', () => import('@/features/definitions/List'), 'DefinitionList'),
  page('/definitions/$folder/new', () => import('@/features/definitions/Editor'), 'DefinitionNew'),
  page('/definitions/$folder/$name', () => import('@/features/definitions/Editor'), 'DefinitionEdit'),
  page('/definitions/$folder/$name/history', () => import('@/features/definitions/History'), 'DefinitionHistory'),
  page('/settings', () => import('@/features/settings/Settings'), 'Settings'),
];

const join = createRoute({ getParentRoute: () => root, path: '/join/$token', component: JoinPage });

export const router = createRouter({
  routeTree: root.addChildren([join, inside.addChildren(pages)]),
  defaultPreload: 'intent',
  defaultErrorComponent: Broken,
  scrollRestoration: true,
  // Values of filters are texts, whatever they look like: `?q=1` is the text 1.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const asked = new URLSearchParams(search as Record<string, string>).toString();
    return asked ? `?${asked}` : '';
  },
});
