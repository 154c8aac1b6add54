import { createUnifiedTheme, genPageTheme, palettes } from '@backstage/theme';

const TEAL = '#0f766e';
const TEAL_ON_DARK = '#2dd4bf';
const NAVIGATION = {
  background: '#0b1f24',
  indicator: TEAL_ON_DARK,
  color: '#b8c9cc',
  selectedColor: '#ffffff',
  navItem: { hoverBackground: '#16343a' },
  submenu: { background: '#16343a' },
};

const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif';

/** Every page wears the same colours: which page it is says its title. */
const page = genPageTheme({ colors: ['#0f766e', '#115e59'], shape: 'none' });
const pageTheme = Object.fromEntries(
  ['home', 'documentation', 'tool', 'service', 'website', 'library', 'other', 'app', 'apis', 'card'].map(id => [id, page]),
);

/** Buttons say what they do in a normal voice. */
const components = { MuiButton: { styleOverrides: { root: { textTransform: 'none' as const } } } };

export const light = createUnifiedTheme({
  fontFamily: FONT,
  components,
  pageTheme,
  defaultPageTheme: 'home',
  palette: {
    ...palettes.light,
    primary: { main: TEAL },
    secondary: { main: '#475569' },
    link: '#0f766e',
    linkHover: '#115e59',
    navigation: NAVIGATION,
    background: { default: '#f6f8f8', paper: '#ffffff' },
  },
});

export const dark = createUnifiedTheme({
  fontFamily: FONT,
  components,
  pageTheme,
  defaultPageTheme: 'home',
  palette: {
    ...palettes.dark,
    primary: { main: TEAL_ON_DARK },
    secondary: { main: '#94a3b8' },
    link: '#5eead4',
    linkHover: '#99f6e4',
    navigation: NAVIGATION,
    background: { default: '#0f1719', paper: '#182427' },
  },
});
