package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
)

// kubectlCommand makes this program kubectl, of the very version of the API server.
const kubectlCommand = "kubectl"

// runKubectl is kubectl with these arguments. It does not return where kubectl itself ends the process.
func runKubectl(args []string) int {
	os.Args = append([]string{kubectlCommand}, args...)
	return cli.Run(cmd.NewDefaultKubectlCommand())
}
