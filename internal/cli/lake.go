package cli

import (
	"github.com/spf13/cobra"

	"github.com/mulgil/mulgil/internal/app/owner"
)

func (c *cli) lakeCmd() *cobra.Command {
	return group("lake", "The lake as a whole: relocate, recover",
		`Repair a lake that was moved or has lost its catalog. No process may have the
project open.`,
		`  mulgil lake relocate
  mulgil lake recover --dry-run`,
		c.lakeRelocateCmd(), c.lakeRecoverCmd())
}

// openAlone finds the project and refuses if somebody owns it.
func (c *cli) openAlone() (OpenOptions, error) {
	opt, err := c.open()
	if err != nil {
		return opt, err
	}
	if info, live := owner.Find(dataDir(opt.Root)); live {
		return opt, &owner.Held{Info: *info}
	}
	return opt, nil
}
