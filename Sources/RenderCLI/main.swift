import Terminal

Console.notes.line("render: not linked yet")
