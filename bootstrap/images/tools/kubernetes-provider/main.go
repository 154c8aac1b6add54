// Command pulumi-resource-kubernetes serves the Kubernetes provider to the pulumi command.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

// Both files are put here by the image's build.
var (
	//go:embed schema.json
	schema []byte
	//go:embed terraform-mapping.json
	mapping []byte
)

func main() { provider.Serve("kubernetes", version.Version, schema, mapping) }
