import { useRead } from '@/api/queries';
import type { components } from '@/api/schema';
import { useFormat } from '@/kit/format';
import { Loaded } from '@/kit/Loaded';
import { Panel, Stats } from '@/kit/Page';
import { href, To } from '@/kit/To';
import { useText } from '@/text';

type Cost = components['schemas']['CampaignCost'];

/** What a campaign of text messages would cost if it started now: parts times the price of who would carry them. */
export function CostPanel({ name, template }: { name: string; template: string }) {
  const text = useText().campaigns.cost;
  const format = useFormat();
  const query = useRead<Cost>('/v1/campaigns/{name}/cost', { path: { name } }, { staleTime: 30_000 });
  const about = (cost: Cost, value: string) => (cost.exact ? value : text.about(value));
  return (
    <Panel title={text.title} sub={text.words}>
      <Loaded query={query} rows={2}>
        {(cost) => (
          <div className="stack" data-testid="cost">
            <Stats
              stats={[
                ...(cost.totals.length > 0 ? cost.totals : [{ currency: '', total: 0 }]).map(({ currency, total }) => ({ name: currency ? (cost.totals.length > 1 ? text.totalIn(currency) : text.total) : text.noPrice, value: currency ? about(cost, format.money(total, currency)) : '–', ...(cost.unpriced > 0 ? { small: text.unpriced(format.number(cost.unpriced)) } : {}) })),
                { name: text.messages, value: about(cost, format.number(cost.messages)), small: text.of(format.number(cost.audience)) },
                { name: text.parts, value: about(cost, format.number(cost.parts)), small: cost.messages > 0 ? text.each(new Intl.NumberFormat(format.locale, { maximumFractionDigits: 2 }).format(cost.parts / cost.messages)) : '' },
              ]}
            />
            <p className="dim small">
              {cost.exact ? null : <>{text.sampled(format.number(cost.looked_at))} </>}
              {cost.unpriced > 0 ? <><To to="/settings?tab=providers">{text.addPrices}</To> · </> : null}
              <To to={href`/templates/${template}`}>{text.preview}</To>
            </p>
          </div>
        )}
      </Loaded>
    </Panel>
  );
}
