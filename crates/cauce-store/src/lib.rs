//! stub
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("full")]
    Full,
    #[error("lost {0}")]
    Lost(String),
    #[error("io {0}")]
    Io(String),
}
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub partition: u16,
    pub incarnation: u16,
    pub offset: u64,
    pub body: Vec<u8>,
}
pub trait Log: Send + Sync {
    fn append(&self, partition: u16, bodies: &[&[u8]]) -> Result<u64, Error>;
    fn sync(&self) -> Result<Vec<Entry>, Error>;
    fn incarnation(&self) -> u16;
    fn end(&self, partition: u16) -> u64;
    fn start(&self, partition: u16) -> u64;
    fn read(&self, partition: u16, from: u64, bytes_max: usize) -> Result<Vec<Entry>, Error>;
    fn scan(
        &self,
        from: &dyn Fn(u16) -> u64,
        visit: &mut dyn FnMut(Entry) -> Result<(), Error>,
    ) -> Result<(), Error>;
    fn cut(&self, below: &dyn Fn(u16) -> u64) -> Result<(), Error>;
    fn start_incarnation(&self) -> Result<u16, Error>;
}
#[derive(Default)]
pub struct Batch {
    pub ops: Vec<(u8, Vec<u8>, Option<Vec<u8>>)>,
}
impl Batch {
    pub fn put(&mut self, t: u8, k: Vec<u8>, v: Vec<u8>) {
        self.ops.push((t, k, Some(v)))
    }
    pub fn delete(&mut self, t: u8, k: Vec<u8>) {
        self.ops.push((t, k, None))
    }
}
pub trait State: Send + Sync {
    fn get(&self, table: u8, key: &[u8]) -> Result<Option<Vec<u8>>, Error>;
    fn range(
        &self,
        table: u8,
        from: &[u8],
        to: Option<&[u8]>,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), Error>;
    fn write(&self, batch: Batch) -> Result<(), Error>;
    fn sync(&self) -> Result<(), Error>;
    fn bytes_on_disk(&self) -> u64;
}
