// Prints the CustomResourceDefinitions that the Tigera operator and Calico need, as the operator's own package
// embeds them: one JSON List, ready for the Kubernetes API. They are printed when the stack is built and are not
// kept in this repository.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	operator "github.com/tigera/operator/api/v1"
	"github.com/tigera/operator/pkg/crds"
)

func main() {
	list := map[string]any{"apiVersion": "v1", "kind": "List", "items": crds.GetCRDs(operator.Calico)}
	if err := json.NewEncoder(os.Stdout).Encode(list); err != nil {
		fmt.Fprintf(os.Stderr, "failed to print the custom resource definitions: %v\n", err)
		os.Exit(1)
	}
}
