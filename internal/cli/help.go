package cli

import "github.com/spf13/cobra"

func (c *cli) helpCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Print the help of a command",
		Long:    `Print the help of a command, as --help after it does.`,
		Example: `  mulgil help job run`,
		RunE: func(cmd *cobra.Command, args []string) error {
			at := cmd.Root()
			for _, word := range args {
				sub, _, err := at.Find([]string{word})
				if err != nil || sub == at {
					return unknownCommand(at, word)
				}
				at = sub
			}
			return at.Help()
		},
	}
}
