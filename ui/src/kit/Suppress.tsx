import { Button, Menu, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useSuppress, type Address } from '@/api/suppressions';
import { useText } from '@/text';
import { Confirm } from './Confirm';
import { tell } from './toast';

interface Props {
  /** Which addresses there are, and which of them get nothing. */
  addresses: { address: Address; suppressed: boolean }[];
  size?: string;
}

/** Lets an address be written to again, which can be taken back. */
export function useLift(): (address: Address) => Promise<void> {
  const text = useText().kit.suppress;
  const suppress = useSuppress();
  const failed = (error: unknown) => tell(text.failed(error instanceof Error ? error.message : String(error)));
  return (address) => suppress(address, null).then(() => tell(text.lifted(address.address), () => void suppress(address, text.again).catch(failed)), failed);
}

/** Keeps everything from an address, or lifts that; each can be taken back. */
export function SuppressMenu({ addresses, size = 'sm' }: Props) {
  const text = useText().kit.suppress;
  const suppress = useSuppress();
  const [asked, setAsked] = useState<Address | null>(null);
  const [why, setWhy] = useState('');
  const lift = useLift();
  const change = useMutation<void, Error, Address>({
    mutationFn: (address) => suppress(address, why.trim() || text.byHand),
    onSuccess: (_, address) => {
      setAsked(null);
      setWhy('');
      tell(text.done(address.address), () => void lift(address));
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
          {addresses.map(({ address, suppressed }) =>
            suppressed ? (
              <Menu.Item key={address.namespace + address.address} onClick={() => void lift(address)}>
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
        consequences={[text.words, text.transactional, text.consent]} act={() => asked && change.mutate(asked)}
      >
        <TextInput label={text.why} description={text.whyHint} value={why} onChange={(event) => setWhy(event.currentTarget.value)} data-autofocus />
      </Confirm>
    </>
  );
}
