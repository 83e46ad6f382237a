package main

import (
	"os"
	"os/signal"
	"syscall"
)

// pause holds a pod's namespaces until it is told to end, and reaps what is handed to it as the first process of a
// shared process namespace.
func pause([]string) error {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return nil
		}
		for {
			if process, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); err == syscall.EINTR || process > 0 {
				continue
			}
			break
		}
	}
	return nil
}
