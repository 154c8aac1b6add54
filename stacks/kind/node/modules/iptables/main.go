// Command iptables stands in for the six iptables commands until the first of them is called. It then
// finds out whether this node's rules live in nftables or in the legacy tables, links the commands
// to that variant, and becomes the command that was asked for. kube-proxy must write where the
// kubelet of its node writes; rules in the other variant would be evaluated, but never seen.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

const folder = "/usr/sbin"

var commands = []string{
	"iptables", "iptables-save", "iptables-restore",
	"ip6tables", "ip6tables-save", "ip6tables-restore",
}

// Chains that every kubelet makes in the mangle table for this very purpose.
var hints = [][]byte{[]byte("KUBE-IPTABLES-HINT"), []byte("KUBE-KUBELET-CANARY")}

func main() {
	variant := detect()
	for _, command := range commands {
		if err := link(variant, command); err != nil {
			fmt.Fprintln(os.Stderr, "iptables: cannot link", command, "to", variant+":", err)
			os.Exit(1)
		}
	}
	// The multi-call binary reads its name from the first argument.
	arguments := append([]string{filepath.Base(os.Args[0])}, os.Args[1:]...)
	err := syscall.Exec(filepath.Join(folder, variant), arguments, os.Environ())
	fmt.Fprintln(os.Stderr, "iptables: cannot run", variant+":", err)
	os.Exit(1)
}

// detect asks nftables first: the legacy command would create the tables it asks for.
func detect() string {
	const nft, legacy = "xtables-nft-multi", "xtables-legacy-multi"
	for _, save := range []string{"iptables-save", "ip6tables-save"} {
		rules, err := exec.Command(filepath.Join(folder, nft), save, "-t", "mangle").Output()
		if err != nil {
			continue
		}
		for _, hint := range hints {
			if bytes.Contains(rules, hint) {
				return nft
			}
		}
	}
	return legacy
}

// link replaces a command in one step: several may be called at once.
func link(variant, command string) error {
	temporary := filepath.Join(folder, fmt.Sprintf(".%s.%d", command, os.Getpid()))
	if err := os.Symlink(variant, temporary); err != nil {
		return err
	}
	return os.Rename(temporary, filepath.Join(folder, command))
}
