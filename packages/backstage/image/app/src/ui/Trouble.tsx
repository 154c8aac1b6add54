import Box from '@material-ui/core/Box';
import Button from '@material-ui/core/Button';
import Typography from '@material-ui/core/Typography';
import WarningIcon from '@material-ui/icons/ReportProblemOutlined';

/** What is not there is no fault: it may come. Anything else is, and can be tried again. */
export function Trouble({ error, retry }: { error: Error; retry?: () => void }) {
  if (error.name === 'NotFoundError') {
    return (
      <Typography color="textSecondary" role="status">
        {error.message}
      </Typography>
    );
  }
  return (
    <Box role="alert" display="flex" alignItems="flex-start">
      <WarningIcon style={{ marginRight: 12 }} />
      <div style={{ overflowWrap: 'anywhere' }}>
        <Typography>{error.message}</Typography>
        <Typography color="textSecondary" gutterBottom>
          The rest of the portal works.
        </Typography>
        {retry && (
          <Button variant="outlined" size="small" onClick={retry}>
            Try again
          </Button>
        )}
      </div>
    </Box>
  );
}
