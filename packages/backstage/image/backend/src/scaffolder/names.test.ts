import { requireFree, requireUsableName } from './names';

describe('names', () => {
  it.each(['a', 'iris', 'iris-quality-2', 'a'.repeat(40)])('takes %s', name => {
    expect(() => requireUsableName(name)).not.toThrow();
  });

  it.each(['', '-a', 'a-', '2fast', 'Iris', 'a_b', 'a.b', 'a/b', '../a', 'a'.repeat(41)])('refuses "%s"', name => {
    expect(() => requireUsableName(name)).toThrow('cannot be used as a name');
  });

  it('names everything that holds a name', () => {
    expect(() => requireFree('iris', ['the repository ml/iris', 'the catalogue entry component:default/iris'])).toThrow(
      'The name "iris" is taken by the repository ml/iris and the catalogue entry component:default/iris',
    );
    expect(() => requireFree('iris', [])).not.toThrow();
  });
});
