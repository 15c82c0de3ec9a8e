// Command kube is Kubernetes' own components in one binary, for tests on one machine:
// kube etcd|apiserver|controller-manager|scheduler|kubelet|proxy FLAGS
package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	manager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

func etcd(dir string) int {
	c := embed.NewConfig()
	c.Dir = dir
	c.LogLevel = "error"
	clients := []url.URL{{Scheme: "http", Host: "127.0.0.1:2379"}}
	peers := []url.URL{{Scheme: "http", Host: "127.0.0.1:2380"}}
	c.ListenClientUrls, c.AdvertiseClientUrls = clients, clients
	c.ListenPeerUrls, c.AdvertisePeerUrls = peers, peers
	c.InitialCluster = c.InitialClusterFromName(c.Name)
	e, err := embed.StartEtcd(c)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer e.Close()
	s := make(chan os.Signal, 1)
	signal.Notify(s, syscall.SIGTERM, syscall.SIGINT)
	<-s
	return 0
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: kube COMPONENT FLAGS")
		os.Exit(2)
	}
	name := os.Args[1]
	os.Args = append([]string{filepath.Base(os.Args[0]) + "-" + name}, os.Args[2:]...)
	var c *cobra.Command
	switch name {
	case "etcd":
		os.Exit(etcd(os.Args[1]))
	case "apiserver":
		c = apiserver.NewAPIServerCommand()
	case "controller-manager":
		c = manager.NewControllerManagerCommand()
	case "scheduler":
		c = scheduler.NewSchedulerCommand()
	case "kubelet":
		c = kubelet.NewKubeletCommand(context.Background())
	case "proxy":
		c = proxy.NewProxyCommand()
	default:
		fmt.Fprintln(os.Stderr, "no such component:", name)
		os.Exit(2)
	}
	os.Exit(cli.Run(c))
}
