// Every Kubernetes program that a node runs, in one file: the name it is called by says which one it is.
//
// The programs share nearly all of their packages, so that one link step and one file of some 150 MB take the
// place of seven. Nothing of Kubernetes is changed: each entry only starts the package that the program of that
// name starts.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/spf13/cobra"
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubeadm "k8s.io/kubernetes/cmd/kubeadm/app"
	kubeadmerrors "k8s.io/kubernetes/cmd/kubeadm/app/util/errors"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

// served runs a long-lived component whose command object the given function makes.
func served(command func() *cobra.Command) func() {
	return func() { os.Exit(cli.Run(command())) }
}

func runKubectl() {
	logs.GlogSetter(kubectl.GetLogVerbosity(os.Args))
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		kubectlutil.CheckErr(err)
	}
}

func main() {
	programs := map[string]func(){
		"kube-apiserver":          served(apiserver.NewAPIServerCommand),
		"kube-controller-manager": served(controllermanager.NewControllerManagerCommand),
		"kube-proxy":              served(proxy.NewProxyCommand),
		"kube-scheduler":          served(func() *cobra.Command { return scheduler.NewSchedulerCommand() }),
		"kubeadm":                 func() { kubeadmerrors.HandleError(kubeadm.Run()) },
		"kubectl":                 runKubectl,
		"kubelet":                 served(func() *cobra.Command { return kubelet.NewKubeletCommand(context.Background()) }),
	}
	name := filepath.Base(os.Args[0])
	if program, known := programs[name]; known {
		program()
		return
	}
	names := make([]string, 0, len(programs))
	for known := range programs {
		names = append(names, known)
	}
	sort.Strings(names)
	fmt.Fprintf(os.Stderr, "failed to start %q: this file must be called by one of the names %s\n", name, strings.Join(names, ", "))
	os.Exit(2)
}
