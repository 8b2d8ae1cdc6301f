"""Recording a pack of one's own: the script, the microphone, the judgement of each take, the folder it grows in."""
