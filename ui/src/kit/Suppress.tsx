import { Button, Checkbox, Menu, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useSuppress, type Address, type Stops } from '@/api/suppressions';
import { useText } from '@/text';
import { Confirm } from './Confirm';
import { tell } from './toast';

interface Props {
  /** Which addresses there are, and what is kept from them. */
  addresses: { address: Address; stops: Stops | undefined }[];
  size?: string;
}

/** Lets an address be written to again, which can be taken back: to what it was. */
export function useLift(): (address: Address, stops: Stops) => Promise<void> {
  const text = useText().kit.suppress;
  const suppress = useSuppress();
  const failed = (error: unknown) => tell(text.failed(error instanceof Error ? error.message : String(error)));
  return (address, stops) => suppress(address, null).then(() => tell(text.lifted(address.address), () => void suppress(address, { reason: text.again, stops }).catch(failed)), failed);
}

/** Keeps everything from an address, or marketing alone, or lifts that; each can be taken back. */
export function SuppressMenu({ addresses, size = 'sm' }: Props) {
  const text = useText().kit.suppress;
  const suppress = useSuppress();
  const [asked, setAsked] = useState<Address | null>(null);
  const [why, setWhy] = useState('');
  const [only, setOnly] = useState(false);
  const lift = useLift();
  const change = useMutation<void, Error, Address>({
    mutationFn: (address) => suppress(address, { reason: why.trim() || text.byHand, stops: only ? 'marketing' : 'everything' }),
    onSuccess: (_, address) => {
      const [said, stops] = only ? ([text.doneOnly, 'marketing'] as const) : ([text.done, 'everything'] as const);
      setAsked(null);
      setWhy('');
      setOnly(false);
      tell(said(address.address), () => void lift(address, stops));
    },
  });
  if (addresses.length === 0) return null;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" size={size}>
            {text.menu}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {addresses.map(({ address, stops }) =>
            stops ? (
              <Menu.Item key={address.namespace + address.address} onClick={() => void lift(address, stops)}>
                {text.lift(address.address)}
              </Menu.Item>
            ) : (
              <Menu.Item key={address.namespace + address.address} onClick={() => setAsked(address)}>
                {text.suppress(address.address)}
              </Menu.Item>
            ),
          )}
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={asked !== null} close={() => setAsked(null)} title={text.title(asked?.address ?? '')} verb={text.verb} busy={change.isPending} error={change.error}
        consequences={only ? [text.onlyWords, text.onlyTransactional, text.consent] : [text.words, text.transactional, text.consent]} act={() => asked && change.mutate(asked)}
      >
        <TextInput label={text.why} description={text.whyHint} value={why} onChange={(event) => setWhy(event.currentTarget.value)} data-autofocus />
        <Checkbox label={text.only} checked={only} onChange={(event) => setOnly(event.currentTarget.checked)} />
      </Confirm>
    </>
  );
}
