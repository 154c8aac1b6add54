import {
  InfoCard,
  Progress,
  ResponseErrorPanel,
  StatusError,
  StatusOK,
  StatusPending,
  StatusWarning,
  StructuredMetadataTable,
} from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import Typography from '@material-ui/core/Typography';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import useInterval from 'react-use/esm/useInterval';
import { Application } from './api';
import { APPLICATION_ANNOTATION, argocdApiRef } from './plugin';

const EVERY_10_SECONDS = 10_000;

/** Whether what Git says is what runs, and whether it runs well. */
export function DeploymentCard() {
  const { entity } = useEntity();
  const argocd = useApi(argocdApiRef);
  const name = entity.metadata.annotations![APPLICATION_ANNOTATION];
  const { value, error, loading, retry } = useAsyncRetry(() => argocd.getApplication(name), [argocd, name]);
  useInterval(retry, EVERY_10_SECONDS);
  return (
    <InfoCard title="Deployment" subheader={`Argo CD application ${name}`} variant="gridItem">
      {!value && loading && <Progress />}
      {error && <ResponseErrorPanel error={error} />}
      {value && <Summary application={value} />}
    </InfoCard>
  );
}

function Summary({ application }: { application: Application }) {
  const { sync, health, revision, deployedAt, namespace, images, messages } = application;
  return (
    <>
      <StructuredMetadataTable
        dense
        metadata={{
          sync: <Status word={sync} />,
          health: <Status word={health} />,
          ...(revision && { revision: <code title={revision}>{revision.slice(0, 10)}</code> }),
          ...(deployedAt && { deployed: new Date(deployedAt).toLocaleString() }),
          ...(namespace && { namespace }),
          ...(images.length > 0 && { images: images.map(shortImage) }),
        }}
      />
      {messages.map(message => (
        <Typography key={message} color="error" variant="body2" style={{ marginTop: 8, overflowWrap: 'anywhere' }}>
          {message}
        </Typography>
      ))}
    </>
  );
}

/** Argo CD's words, with the colour that they deserve. */
function Status({ word }: { word: string }) {
  if (word === 'Synced' || word === 'Healthy') return <StatusOK>{word}</StatusOK>;
  if (word === 'Degraded') return <StatusError>{word}</StatusError>;
  if (word === 'Progressing' || word === 'Suspended') return <StatusPending>{word}</StatusPending>;
  return <StatusWarning>{word}</StatusWarning>;
}

/** A digest is told by its first characters. */
export function shortImage(image: string): string {
  return image.replace(/@sha256:([0-9a-f]{12})[0-9a-f]+$/, '@$1');
}
