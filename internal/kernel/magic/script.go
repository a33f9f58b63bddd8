package magic

func init() {
	register(&definition{
		name: "sh", usage: "%%sh", command: "sh", commandBlock: true, program: always,
		doc: "Run the lines below with sh. The cell fails where the script's exit status is not zero.",
	})
	register(&definition{
		name: "script", usage: "%%script program [argument…]", command: "script", commandBlock: true, reads: true, program: always,
		doc: "Give the lines below to a program as its input: %%script python3. The cell fails where the program's exit status is not zero.",
	})
	register(&definition{
		name: "writefile", usage: "%%writefile [-a] file", command: "writefile", commandBlock: true, reads: true, program: always,
		doc:     "Write the lines below to a file.",
		options: []option{{"-a", "", "append to the file"}},
	})
}
