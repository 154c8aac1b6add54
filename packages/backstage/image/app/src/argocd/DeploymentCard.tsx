import { Link, Progress } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import Grid from '@material-ui/core/Grid';
import Typography from '@material-ui/core/Typography';
import useAsyncRetry from 'react-use/esm/useAsyncRetry';
import useInterval from 'react-use/esm/useInterval';
import { Fact } from '../ui/Fact';
import { Status } from '../ui/Status';
import { Trouble } from '../ui/Trouble';
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
    <EntityInfoCard title="Deployment">
      {!value && !error && loading && <Progress />}
      {error && <Trouble error={error} />}
      {value && !error && <Summary application={value} />}
    </EntityInfoCard>
  );
}

/** What is deployed, and how it does. */
export function Summary({ application }: { application: Application }) {
  const { name, sync, health, revision, revisionUrl, deployedAt, namespace, images, messages, away } = application;
  const commit = revision && <code title={revision}>{revision.slice(0, 10)}</code>;
  return (
    <Grid container spacing={2}>
      {away && (
        <Grid item xs={12}>
          <Trouble error={new Error(away)} />
        </Grid>
      )}
      <Fact title="Git and cluster">
        <Status word={sync} />
      </Fact>
      <Fact title="Health">
        <Status word={health} />
      </Fact>
      <Fact title="Commit">{revisionUrl ? <Link to={revisionUrl}>{commit}</Link> : commit}</Fact>
      <Fact title="Deployed">{deployedAt && new Date(deployedAt).toLocaleString()}</Fact>
      <Fact title="Application">{name}</Fact>
      <Fact title="Namespace">{namespace}</Fact>
      <Fact title="Images" wide>
        {images.map(image => (
          <div key={image}>
            <code title={image}>{shortImage(image)}</code>
          </div>
        ))}
      </Fact>
      {messages.map(message => (
        <Grid key={message} item xs={12}>
          <Typography color="error" variant="body2" style={{ overflowWrap: 'anywhere' }}>
            {message}
          </Typography>
        </Grid>
      ))}
    </Grid>
  );
}

/** A digest is told by its first characters. */
export function shortImage(image: string): string {
  return image.replace(/@sha256:([0-9a-f]{12})[0-9a-f]+$/, '@$1');
}
