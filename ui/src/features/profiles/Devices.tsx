import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMayEdit } from '@/api/session';
import { Confirm } from '@/kit/Confirm';
import { Empty, Loaded } from '@/kit/Loaded';
import { Panel, State, type Tone } from '@/kit/Page';
import { Table } from '@/kit/Table';
import { tell } from '@/kit/toast';
import { Exactly, When } from '@/kit/values';
import { Words } from '@/kit/Words';
import { useText } from '@/text';
import { useDevices, useRemoveDevice, type Device, type Who } from './queries';

/** What a person can be pushed to, and what nothing is pushed to any more, and why. */
export function DeviceTab({ who }: { who: Who }) {
  const text = useText().profiles.devices;
  const query = useDevices(who);
  const mayEdit = useMayEdit();
  const [removing, setRemoving] = useState<Device | null>(null);
  return (
    <Panel title={text.title} sub={text.words} flush>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={text.none} words={text.noneWords} />
          ) : (
            <Table
              name={text.title} rows={items} keyOf={(row) => row.device}
              columns={[
                { head: text.platform, cell: (row) => <><strong>{text.platforms[row.platform] ?? row.platform}</strong>{row.locale ? <span className="dim small"> · {row.locale}</span> : null}<div className="faint small"><code>{row.token}</code></div></> },
                { head: text.app, cell: (row) => <div style={{ minWidth: 110 }}>{row.app || <span className="faint">–</span>}<div className="dim small">{[row.app_version, row.environment].filter(Boolean).join(' · ')}</div></div> },
                { head: text.permission, cell: (row) => <Standing device={row} /> },
                { head: text.seen, cell: (row) => <When at={row.seen} /> },
                { head: text.registered, wide: true, cell: (row) => <Exactly at={row.registered} /> },
                ...(mayEdit ? [{ head: text.actions, right: true, cell: (row: Device) => <Button size="compact-xs" variant="subtle" color="red.8" c="var(--bad)" onClick={() => setRemoving(row)}>{text.remove}</Button> }] : []),
              ]}
            />
          )
        }
      </Loaded>
      {removing ? <Remove who={who} device={removing} close={() => setRemoving(null)} /> : null}
    </Panel>
  );
}

const TONES: Record<string, Tone> = { granted: 'good', provisional: 'good', denied: 'bad' };

/** Whether it is pushed to: the server says so, and why not. */
function Standing({ device }: { device: Device }) {
  const text = useText().profiles.devices;
  const { quarantine: gone } = device;
  return (
    <>
      <State tone={gone ? 'bad' : (TONES[device.permission] ?? 'calm')}>{gone ? text.quarantined : (text.permissions[device.permission] ?? device.permission)}</State>
      {gone ? <div className="dim small break"><Words words={gone.why} /> · <Exactly at={gone.at} /></div> : null}
      {!gone && !device.live ? <div className="dim small">{text.notPushed}</div> : null}
    </>
  );
}

function Remove({ who, device, close }: { who: Who; device: Device; close: () => void }) {
  const text = useText().profiles.devices;
  const remove = useRemoveDevice(who);
  return (
    <Confirm
      opened close={close} danger title={text.removeTitle} verb={text.remove} busy={remove.isPending} error={remove.error}
      consequences={[text.removeWords, text.removeBack]}
      act={() =>
        remove.mutate(device.device, {
          onSuccess: () => {
            tell(text.removed);
            close();
          },
        })
      }
    />
  );
}
