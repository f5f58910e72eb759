package natslog

// Connected says whether the servers can be reached at this moment; always so
// where the log is in this process.
func (l *Log) Connected() bool { return l.conn.IsConnected() }
