// Registers a CSI driver with the kubelet of its node: asks the driver for its name, then answers the kubelet, which
// watches the registration folder, until it is told to end. It understands the arguments that the Tigera operator
// gives to the image of this name.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

// driverDeadline is how long the driver, a container of the same pod, may take until it answers.
const driverDeadline = time.Minute

type registrar struct {
	registration.UnimplementedRegistrationServer
	name     string
	endpoint string
	refused  chan error
}

func (r *registrar) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type:              registration.CSIPlugin,
		Name:              r.name,
		Endpoint:          r.endpoint,
		SupportedVersions: []string{"1.0.0"},
	}, nil
}

func (r *registrar) NotifyRegistrationStatus(_ context.Context, status *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	if status.PluginRegistered {
		fmt.Printf("%s is registered with the kubelet\n", r.name)
	} else {
		r.refused <- fmt.Errorf("failed to register %s: %s", r.name, status.Error)
	}
	return &registration.RegistrationStatusResponse{}, nil
}

func driverName(address string) (string, error) {
	connection, err := grpc.NewClient("unix://"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return "", fmt.Errorf("failed to reach the driver at %s: %w", address, err)
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), driverDeadline)
	defer cancel()
	answer, err := csi.NewIdentityClient(connection).GetPluginInfo(ctx, &csi.GetPluginInfoRequest{}, grpc.WaitForReady(true))
	if err != nil {
		return "", fmt.Errorf("failed to ask the driver at %s for its name within %s: %w", address, driverDeadline, err)
	}
	return answer.GetName(), nil
}

func run() error {
	address := flag.String("csi-address", "/csi/csi.sock", "socket of the driver, as this container sees it")
	endpoint := flag.String("kubelet-registration-path", "", "socket of the driver, as the kubelet sees it")
	folder := flag.String("plugin-registration-path", "/registration", "folder that the kubelet watches")
	_ = flag.Int("v", 0, "accepted and not used: there is little to say")
	flag.Parse()

	name, err := driverName(*address)
	if err != nil {
		return err
	}
	socket := filepath.Join(*folder, name+"-reg.sock")
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("failed to remove the old socket %s: %w", socket, err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return fmt.Errorf("failed to listen at %s: %w", socket, err)
	}
	r := &registrar{name: name, endpoint: *endpoint, refused: make(chan error, 1)}
	server := grpc.NewServer()
	registration.RegisterRegistrationServer(server, r)

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case <-signals:
		server.Stop()
		return nil
	case err := <-r.refused:
		server.Stop()
		return err
	case err := <-served:
		return fmt.Errorf("failed to serve at %s: %w", socket, err)
	}
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "node-driver-registrar: %v\n", err)
		os.Exit(1)
	}
}
