package cli

import "github.com/spf13/cobra"

func (c *cli) completionCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script of a shell",
		Long: `Print the script that lets a shell complete commands, flags and the project's
names: bash, zsh, fish or powershell.`,
		Example: `  source <(mulgil completion bash)
  mulgil completion zsh > "${fpath[1]}/_mulgil"`,
		Args:      exactly("SHELL"),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), c.env.Stdout
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return usage(cmd, "no completion for %q", args[0]).WithHint("there is one for bash, zsh, fish and powershell")
		},
	}
}
