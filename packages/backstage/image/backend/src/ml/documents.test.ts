import { experimentDocument, modelDocument } from './documents';

const entity = (kind: string, name: string, annotations: Record<string, string>) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: { name, annotations, description: 'Pumps that fail' },
});
const URL = 'https://mlflow';
const MODEL = {
  name: 'pump',
  description: 'States of pumps',
  aliases: [{ alias: 'production', version: '2' }],
  latest_versions: [{ name: 'pump', version: '3', tags: [{ key: 'data.name', value: 'readings' }] }],
};

describe('what search finds', () => {
  it('leads to the model itself, not to what serves it', () => {
    const about = { 'idp.dev/mlflow-model': 'pump' };
    const found = modelDocument(MODEL, [entity('Component', 'api', about), entity('Resource', 'pump', about)], URL);
    expect(found.location).toBe('/catalog/default/resource/pump/model');
    expect(found.title).toBe('pump');
    for (const word of ['newest version 3', 'version 2 in production', 'States of pumps', 'Pumps that fail', 'data.name readings']) {
      expect(found.text).toContain(word);
    }
  });

  it('leads to MLflow where the catalogue has no entity', () => {
    expect(modelDocument(MODEL, [], URL).location).toBe('https://mlflow/#/models/pump');
    const experiment = { experiment_id: '7', name: 'a b', tags: [{ key: 'mlflow.note.content', value: 'First tries' }] };
    expect(experimentDocument(experiment, [], URL)).toEqual({
      title: 'a b',
      text: 'Experiment · First tries',
      location: 'https://mlflow/#/experiments/7',
    });
  });

  it('leads to the runs of an experiment', () => {
    const about = { 'idp.dev/mlflow-experiment': 'pump' };
    const entities = [entity('Resource', 'pump', about), entity('Component', 'pump', about)];
    expect(experimentDocument({ experiment_id: '7', name: 'pump' }, entities, URL).location).toBe(
      '/catalog/default/component/pump/experiments',
    );
  });
});
