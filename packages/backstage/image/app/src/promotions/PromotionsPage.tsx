import { useState } from 'react';
import { Content, Header, Page, Progress } from '@backstage/core-components';
import { configApiRef, useApi } from '@backstage/core-plugin-api';
import Button from '@material-ui/core/Button';
import Typography from '@material-ui/core/Typography';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import useInterval from 'react-use/esm/useInterval';
import { Trouble } from '../ui/Trouble';
import { Entry, isBroken, Promotions } from './api';
import { PromotionCard } from './PromotionCard';
import { promotionsApiRef } from './ref';
import { command } from './words';

const WHILE_OPEN = 10_000;

/** Everything that came to this platform from another one, the newest first. */
export function PromotionsPage() {
  const promotions = useApi(promotionsApiRef);
  const { value, error, loading, retry } = useAsyncRetry(() => promotions.page(), [promotions]);
  const isOpen = (entry: Entry) => !isBroken(entry) && (entry.state === 'waiting' || entry.state === 'begun');
  useInterval(retry, value?.promotions.some(isOpen) ? WHILE_OPEN : null);
  return (
    <Page themeId="tool">
      <Header title="Promotions" subtitle="What came to this platform from another one, by whom, and what changed with it" />
      <Content>
        {loading && !value && <Progress />}
        {error && <Trouble error={error} retry={retry} />}
        {value?.promotions.length === 0 && <Nothing />}
        {value && value.promotions.length > 0 && <List newest={value} />}
      </Content>
    </Page>
  );
}

function Nothing() {
  const name = useApi(configApiRef).getOptionalString('organization.name') ?? 'THIS';
  return (
    <>
      <Typography paragraph>
        Nothing was promoted to this platform yet. A promotion brings what runs on another platform here, down to the
        commit and the digest of each image: its settings, golden paths, repositories, services and models. It is
        written down in Git, and shown here.
      </Typography>
      <Typography>
        One is made on a machine that reaches both platforms: <code>{command('NAME', name)}</code>
      </Typography>
    </>
  );
}

function List({ newest }: { newest: Promotions }) {
  const promotions = useApi(promotionsApiRef);
  const [older, setOlder] = useState<Promotions>();
  const [failed, setFailed] = useState<Error>();
  const known = new Set(newest.promotions.map(({ id }) => id));
  const entries = [...newest.promotions, ...(older?.promotions ?? []).filter(({ id }) => !known.has(id))];
  const next = older ? older.next : newest.next;
  const more = async () => {
    try {
      const found = await promotions.page(next);
      setOlder({ promotions: [...(older?.promotions ?? []), ...found.promotions], next: found.next });
      setFailed(undefined);
    } catch (error) {
      setFailed(error as Error);
    }
  };
  return (
    <>
      <ol aria-label="Promotions" style={{ listStyle: 'none', margin: 0, padding: 0 }}>
        {entries.map((entry, index) => (
          <li key={entry.id}>
            <PromotionCard entry={entry} opened={index === 0} />
          </li>
        ))}
      </ol>
      {failed && <Trouble error={failed} />}
      {next && (
        <Button variant="outlined" size="small" onClick={more} style={{ marginTop: 16 }}>
          Load older promotions ({entries.length} so far)
        </Button>
      )}
    </>
  );
}
