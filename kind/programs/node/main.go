// The small programs of ours that a node needs, in one file: the name it is called by says which one it is.
// Only the standard library is used, so that each starts in a few milliseconds.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	programs := map[string]func([]string) error{
		"bounded-runtime": boundedRuntime,
		"pause":           pause,
		"pinns":           pinNamespaces,
	}
	name := filepath.Base(os.Args[0])
	program, known := programs[name]
	if !known {
		fmt.Fprintf(os.Stderr, "failed to start %q: this file is called by the name bounded-runtime, pause or pinns\n", name)
		os.Exit(2)
	}
	if err := program(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}
