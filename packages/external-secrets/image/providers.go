// Package register links the one provider that the platform offers.
package register

import _ "github.com/external-secrets/external-secrets/pkg/provider/aws"
