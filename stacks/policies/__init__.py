"""The security rules that hold for everything in the cloud, as a policy pack of Pulumi."""
