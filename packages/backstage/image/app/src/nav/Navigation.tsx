import {
  Link,
  Sidebar,
  sidebarConfig,
  SidebarDivider,
  SidebarGroup,
  SidebarItem,
  SidebarScrollWrapper,
  SidebarSpace,
  useSidebarOpenState,
} from '@backstage/core-components';
import { configApiRef, useApi } from '@backstage/core-plugin-api';
import { NavContentComponent } from '@backstage/plugin-app-react';
import { UserSettingsSignInAvatar } from '@backstage/plugin-user-settings';
import MenuIcon from '@material-ui/icons/Menu';
import { makeStyles } from '@material-ui/core/styles';
import { Mark, Wordmark } from '../brand/Logo';

const useStyles = makeStyles({
  logo: {
    height: 3 * sidebarConfig.logoHeight,
    display: 'flex',
    alignItems: 'center',
    paddingLeft: (sidebarConfig.drawerWidthClosed - 28) / 2,
  },
});

const Logo = () => {
  const classes = useStyles();
  const { isOpen } = useSidebarOpenState();
  const name = useApi(configApiRef).getOptionalString('organization.name') ?? 'idp';
  return (
    <div className={classes.logo}>
      <Link to="/" underline="none" aria-label="Home">
        {isOpen ? <Wordmark name={name} /> : <Mark />}
      </Link>
    </div>
  );
};

export const Navigation: NavContentComponent = ({ navItems }) => {
  const nav = navItems.withComponent(item => (
    <SidebarItem icon={() => item.icon} to={item.href} text={item.title} />
  ));
  // Reached from where they make sense: the catalogue, and an entity's relations.
  nav.take('page:catalog-import');
  nav.take('page:catalog-graph');
  const settings = nav.take('page:user-settings');
  return (
    <Sidebar>
      <Logo />
      <SidebarDivider />
      <SidebarGroup label="Menu" icon={<MenuIcon />}>
        {nav.take('page:home')}
        {nav.take('page:catalog')}
        {nav.take('page:api-docs')}
        {nav.take('page:techdocs')}
        {nav.take('page:scaffolder')}
        {nav.take('page:governance')}
        {nav.take('page:promotions')}
        {nav.take('page:search')}
        <SidebarDivider />
        <SidebarScrollWrapper>{nav.rest({ sortBy: 'title' })}</SidebarScrollWrapper>
      </SidebarGroup>
      <SidebarSpace />
      <SidebarDivider />
      <SidebarGroup label="Settings" icon={<UserSettingsSignInAvatar />} to="/settings">
        {settings}
      </SidebarGroup>
    </Sidebar>
  );
};
