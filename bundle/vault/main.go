// Command vault is HashiCorp Vault, built as the dependency of a module of our own: Vault's own module
// replaces its api and sdk by paths of its repository, which `go install` refuses.
package main

import (
	"os"

	"github.com/hashicorp/vault/command"
)

func main() {
	os.Exit(command.Run(os.Args[1:]))
}
