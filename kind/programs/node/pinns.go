package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// namespace is a kind of namespace that CRI-O asks to be pinned.
type namespace struct {
	flag uintptr // for unshare(2)
	file string  // its name under /proc/thread-self/ns
}

var namespaces = map[string]namespace{
	"--ipc": {syscall.CLONE_NEWIPC, "ipc"},
	"--net": {syscall.CLONE_NEWNET, "net"},
	"--uts": {syscall.CLONE_NEWUTS, "uts"},
}

// pinNamespaces makes the namespaces of a new pod and keeps each alive by a bind mount at DIR/{ipc,net,uts}ns/NAME,
// with the arguments that CRI-O gives: `-d DIR -f NAME [-s key=value[+key=value]...] --ipc --net --uts`, where
// `--net=host` and its like mean the node's own namespace. A user namespace is not made.
func pinNamespaces(arguments []string) error {
	var directory, name string
	var settings []string
	wanted := map[string]bool{} // flag → whether it is the host's
	for i := 0; i < len(arguments); i++ {
		flag, value, joined := strings.Cut(arguments[i], "=")
		_, isNamespace := namespaces[flag]
		if !joined && !isNamespace && i+1 < len(arguments) {
			i++
			value = arguments[i]
		}
		switch {
		case isNamespace:
			wanted[flag] = value == "host"
		case flag == "-d" || flag == "--dir":
			directory = value
		case flag == "-f" || flag == "--filename":
			name = value
		case flag == "-s" || flag == "--sysctl":
			settings = append(settings, strings.Split(value, "+")...)
		case flag == "--log-level":
		default:
			return fmt.Errorf("failed to pin namespaces: %q is not known (known: -d, -f, -s, --ipc, --net, --uts, --log-level)", arguments[i])
		}
	}
	if directory == "" || name == "" || len(wanted) == 0 {
		return fmt.Errorf("failed to pin namespaces: -d, -f and at least one of --ipc, --net, --uts are needed")
	}

	// Namespaces belong to a thread, so that all that follows must stay on this one.
	runtime.LockOSThread()
	var flags uintptr
	for flag, host := range wanted {
		if !host {
			flags |= namespaces[flag].flag
		}
	}
	if err := syscall.Unshare(int(flags)); err != nil {
		return fmt.Errorf("failed to unshare the namespaces of %s: %w", name, err)
	}
	for _, setting := range settings {
		if err := set(setting); err != nil {
			return err
		}
	}
	for flag := range wanted {
		kind := namespaces[flag].file
		folder := filepath.Join(directory, kind+"ns")
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("failed to create %s: %w", folder, err)
		}
		target := filepath.Join(folder, name)
		if err := os.WriteFile(target, nil, 0o644); err != nil {
			return fmt.Errorf("failed to create %s: %w", target, err)
		}
		if err := syscall.Mount("/proc/thread-self/ns/"+kind, target, "none", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("failed to pin a namespace at %s: %w", target, err)
		}
	}
	return nil
}

// set writes one kernel setting, `net.ipv4.ip_forward=1`, in the namespaces of this thread.
func set(setting string) error {
	key, value, found := strings.Cut(setting, "=")
	if !found {
		return fmt.Errorf("failed to set %q: it has no value", setting)
	}
	path := filepath.Join("/proc/sys", strings.ReplaceAll(strings.TrimSpace(key), ".", "/"))
	if err := os.WriteFile(path, []byte(strings.TrimSpace(value)), 0o644); err != nil {
		return fmt.Errorf("failed to set %q: %w", setting, err)
	}
	return nil
}
