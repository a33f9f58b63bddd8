package magic

func init() {
	register(&definition{
		name: "!", usage: "!command, $command", command: "shell", takes: Script, program: always,
		doc: "Run a command with the shell, in the working folder of the cells; its output is shown as it comes.",
	})
	register(&definition{
		name: "bash", usage: "%%bash", command: "bash", commandBlock: true, program: always,
		doc: "Run the lines below as a shell script. The cell fails where the script's exit status is not zero. " +
			"It takes no options: to have the output in a variable, use exec.Command(\"bash\", \"-c\", script).Output().",
	})
}
