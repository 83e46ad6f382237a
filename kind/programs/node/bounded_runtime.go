package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// runtimePath is where the real OCI runtime is; bounded-runtime ends by becoming it.
const runtimePath = "/usr/bin/crun"

// highestOCIVersion is what crun 1.8 accepts ("unknown version specified" for 1.1 and later).
const highestOCIVersion = "1.0.2"

// capabilityNames are the kernel's capabilities by their number (linux/capability.h).
var capabilityNames = []string{
	"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
	"LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
	"SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
	"SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
	"MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
	"CHECKPOINT_RESTORE",
}

type object = map[string]any

// boundedRuntime takes out of the OCI specification what this node's own bounds do not allow, then runs the real
// runtime with the same arguments. CRI-O grants a privileged container all capabilities that the kernel knows; on a
// node that is a container itself, capset refuses those outside of the node's bounding set.
func boundedRuntime(arguments []string) error {
	bounds, err := boundingSet()
	if err != nil {
		return err
	}
	previous := ""
	for _, argument := range arguments {
		flag, value, joined := strings.Cut(argument, "=")
		if !joined {
			flag, value = previous, argument
		}
		switch flag {
		case "--bundle", "-b":
			err = rewrite(filepath.Join(value, "config.json"), func(spec object) { boundSpecification(spec, bounds) })
		case "--process", "-p":
			err = rewrite(value, func(process object) { boundProcess(process, bounds) })
		}
		if err != nil {
			return err
		}
		previous = argument
	}
	err = syscall.Exec(runtimePath, append([]string{runtimePath}, arguments...), os.Environ())
	return fmt.Errorf("failed to run %s: %w", runtimePath, err)
}

func boundSpecification(spec object, bounds map[string]bool) {
	if process, ok := spec["process"].(object); ok {
		boundProcess(process, bounds)
	}
	if version, ok := spec["ociVersion"].(string); ok && version > highestOCIVersion {
		spec["ociVersion"] = highestOCIVersion
	}
	linux, _ := spec["linux"].(object)
	resources, _ := linux["resources"].(object)
	// crun 1.8 writes a missing limit as it is: `writing file pids.max: Invalid argument`.
	delete(resources, "pids")
}

func boundProcess(process object, bounds map[string]bool) {
	capabilities, _ := process["capabilities"].(object)
	for set, names := range capabilities {
		list, _ := names.([]any)
		kept := make([]any, 0, len(list))
		for _, name := range list {
			if text, ok := name.(string); ok && bounds[text] {
				kept = append(kept, name)
			}
		}
		capabilities[set] = kept
	}
	if bounds["CAP_SYS_RESOURCE"] {
		return
	}
	// Raising a limit and lowering an OOM score both need CAP_SYS_RESOURCE.
	delete(process, "rlimits")
	if score, ok := process["oomScoreAdj"].(json.Number); ok && strings.HasPrefix(score.String(), "-") {
		delete(process, "oomScoreAdj")
	}
}

// rewrite changes a JSON file in place. Numbers are kept as they are written. A file that is not there is left to
// the real runtime, whose message names what is missing.
func rewrite(path string, change func(object)) error {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("failed to read %s: %w", path, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var document object
	if err := decoder.Decode(&document); err != nil {
		return fmt.Errorf("failed to parse %s: %w", path, err)
	}
	change(document)
	changed, err := json.Marshal(document)
	if err != nil {
		return fmt.Errorf("failed to render %s: %w", path, err)
	}
	if err := os.WriteFile(path, changed, 0o644); err != nil {
		return fmt.Errorf("failed to write %s: %w", path, err)
	}
	return nil
}

// boundingSet gives the names of the capabilities that a process of this node can have at all.
func boundingSet() (map[string]bool, error) {
	const path = "/proc/self/status"
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("failed to read %s: %w", path, err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		value, found := strings.CutPrefix(line, "CapBnd:")
		if !found {
			continue
		}
		mask, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
		if err != nil {
			return nil, fmt.Errorf("failed to parse the bounding set %q: %w", value, err)
		}
		bounds := map[string]bool{}
		for number, name := range capabilityNames {
			if mask>>number&1 == 1 {
				bounds["CAP_"+name] = true
			}
		}
		return bounds, nil
	}
	return nil, fmt.Errorf("failed to find CapBnd in %s", path)
}
