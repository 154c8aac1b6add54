// Command etcd is the etcd server alone: its own module keeps main in a package that also pulls in
// the command line clients.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
