/** 站内信. */
export default {
  title: '站内信',
  all: '全部',
  unread: '未读',
  content: '消息内容',
  order: '订单号',
  node: '节点',
  time: '时间',
  state: '状态',
  isRead: '已读',
  isUnread: '未读',
  open: '查看项目',
  read: '标为已读',
  readAll: '本页全部标为已读',
  none: '还没有站内信',
  noneUnread: '没有未读的站内信',
  noneHint: '项目流转到需要您处理或知悉的节点时，平台会在此通知您。',
};
